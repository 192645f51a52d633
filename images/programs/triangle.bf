A triangle of Sierpinski: 32 lines of Pascal's triangle with the odd numbers as stars
A row stands in records of four cells and is changed from its right end to its left
Record 0 counts: cell 1 lines to do; cell 2 spaces to print; cells 3 and 8 copies
Record 1 is empty so that the first number of a row has a neighbour; the row begins at record 3
Cells of a record: 0 mark; 1 odd; 2 copy; 3 one minus odd

>++++++++++++++++++++++++++++++++             32 lines
>+++++++++++++++++++++++++++++++              31 spaces before the first
>>>>>>>>>>+>+                                 the first row is one odd number in record 3
<<<<<<<<<<<<[-                                for each line
  >>>>>>>++++++++++++++++++++++++++++++++<<<  the spaces
  <<<[->+>>>>>.<<<<<<]>>>>>>[-]
  <<<<<[-[-<+>]]                              one less for the next line but not below none
  >>>>>>>>>[                                  the row: a star and a space or two spaces
    >>++++++++++++++++++++++++++++++++        space
    <[->>+<++++++++++<]>.                     star if odd
    >[-<<+>---------->]<.[-]>>                space
  ]
  >>++++++++++.[-]                            newline
  <<+                                         the row grows by one
  [                                           from right to left
    <<<[->+                                   an odd left neighbour
      >>>>>+<<[->>-<<]>>[-<<+>>]<<<<<<]       flips this one
    >[-<+>]<<                                 and stays odd
  ]
  <<<<<<<]                                    back in record 0
