Squares of 0 to 100 in decimal
Each square is the one before it plus the next odd number; the sum is kept in five decimal digits
A digit is stored as ten minus its value so that a carry is due when the cell reaches zero
Cells: 0 lines to do; 1 the odd number; 2 additions left; 3 4 copies; 5 6 7 printing
       9 12 15 18 21 the digits from the lowest with two cells each for the test for zero

101 lines
  ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++
  +++++++++++
>+                                            the first odd number
>>>>>>>>++++++++++>>>++++++++++>>>++++++++++  five digits that are zero
>>>++++++++++>>>++++++++++
<<<<<<<<<<<<<<<<<<<<<[-                       for each line
  digit 4: its value comes into a copy
    >>>>>>>++++++++++>>>>>>>>>>>>>>[-<<<<<<<<<<<<<<-<<<<+>>>>>>>>>>>>>>>>>>]<<<<<<<<<<<<<<<<<<
    [->>>>>>>>>>>>>>>>>>+<<<<<<<<<<<<<<<<<<]
  >>>>[-<<<+>+>>]<<<[->>>+<<<]                any value from here on ends the leading zeros
  >[->+<<<+>>]<<[->>+<<]                      is there a value yet
  >>>[[-]<<<++++++[->>>>++++++++<<<<]>>>>.<]  then print the digit
  >[-]
  digit 3: its value comes into a copy
    ++++++++++>>>>>>>>>>>[-<<<<<<<<<<<-<<<<+>>>>>>>>>>>>>>>]<<<<<<<<<<<<<<<[->>>>>>>>>>>>>>>+<
    <<<<<<<<<<<<<<]
  >>>>[-<<<+>+>>]<<<[->>>+<<<]                any value from here on ends the leading zeros
  >[->+<<<+>>]<<[->>+<<]                      is there a value yet
  >>>[[-]<<<++++++[->>>>++++++++<<<<]>>>>.<]  then print the digit
  >[-]
  digit 2: its value comes into a copy
    ++++++++++>>>>>>>>[-<<<<<<<<-<<<<+>>>>>>>>>>>>]<<<<<<<<<<<<[->>>>>>>>>>>>+<<<<<<<<<<<<]
  >>>>[-<<<+>+>>]<<<[->>>+<<<]                any value from here on ends the leading zeros
  >[->+<<<+>>]<<[->>+<<]                      is there a value yet
  >>>[[-]<<<++++++[->>>>++++++++<<<<]>>>>.<]  then print the digit
  >[-]
  ++++++++++>>>>>[-<<<<<-<<<<+>>>>>>>>>]<<<<  digit 1: its value comes into a copy
  <<<<<[->>>>>>>>>+<<<<<<<<<]
  >>>>[-<<<+>+>>]<<<[->>>+<<<]                any value from here on ends the leading zeros
  >[->+<<<+>>]<<[->>+<<]                      is there a value yet
  >>>[[-]<<<++++++[->>>>++++++++<<<<]>>>>.<]  then print the digit
  >[-]
  ++++++++++>>[-<<-<<<<+>>>>>>]<<<<<<[->>>>>  digit 0: its value comes into a copy
  >+<<<<<<]
  ++++++[->>>>++++++++<<<<]>>>>.[-]           the last digit is always printed
  <<[-]                                       forget the leading zeros
  >>++++++++++.[-]                            newline
  <<<<<<[->+>+<<]>>[-<<+>>]                   additions to do
  <<++                                        the next odd number
  >[-                                         add one to the digits so many times
    >>>>>>>->+<[>-]>[-<++++++++++             digit 0 one up
      >>>->+<[>-]>[-<++++++++++               the carry: digit 1 one up
        >>>->+<[>-]>[-<++++++++++             the carry: digit 2 one up
          >>>->+<[>-]>[-<++++++++++           the carry: digit 3 one up
            >>>->+<[>-]>[-<++++++++++>>]<<<]  the carry: digit 4 one up
            <<<]<<<]<<<]<
    <<<<<<<<]
  <<]
