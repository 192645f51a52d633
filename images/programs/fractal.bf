The Mandelbrot set: 19 lines of 38 points with up to 12 turns each
All points of a line are on the tape in records of 30 cells and take each turn together
The number of a point and the point itself have no sign: what is below zero is counted apart
The unit is 1/14 and the point in cells 28 29 is counted from the lower left corner 30/14 left and 18/14 below
Record 0 is the home: cell 1 lines to do; cell 2 height of the line; cell 3 turns; cell 4 copy
Cells of a point: 0 mark; 1 still inside; 2 turns done; 3 4 size and sign of x; 5 6 size and sign of y
  7 8 9 factors and copies; 10 11 12 division and tests; 13 14 squares; 15 product; 16 turn is good
  17 to 22 new numbers: what is below zero and above it; 28 29 the point

>+++++++++++++++++++                          19 lines
>>>>>>>>>>>>>>>>>>>>>>>>>>>>>+++++++++++++++  38 records: the count walks along and leaves marks
+++++++++++++++++++++++[
  -[->>>>>>>>>>>>>>>>>>>>>>>>>>>>>>+<<<<<<<<  the count goes on
  <<<<<<<<<<<<<<<<<<<<<<]
  the next point lies one further right
    >>>>>>>>>>>>>>>>>>>>>>>>>>>>[->>>>>>>>>>>>>>>>>>>>>>>>>>>>>>+<<<<<<<<<<<<<<<<<<<<<<<<<<<<<
    <<+>]>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>+<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<[->+<]
  <<<<<<<<<<<<<<<<<<<<<<<<<<<+>>>>>>>>>>>>>>  the mark
  >>>>>>>>>>>>>>>>
]
>>>>>>>>>>>>>>>>>>>>>>>>>>>>[-]               no point behind the last
home along the marks
  <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<[<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<]
>[-                                           for each line
  the height to the first record
    >[->>+>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>+<<<<<<<<<<<<<<<<<<<<<<<<<<<<
    <<<<<<<<<<<<<<<<<<<<<<<<<<<<<]>>[-<<+>>]
  >>>>>>>>>>>>>>>>>>>>>>>>>>[                 start all points
    >+                                        inside
    pass the height on
      >>>>>>>>>>>>>>>>>>>>>>>>>>>>[-<<<<<<<<<<<<+>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>+<<<<
      <<<<<<<<<<<<<<<<<<<<<<<<<<]<<<<<<<<<<<<[->>>>>>>>>>>>+<<<<<<<<<<<<]>>>>>>>>>>>>>
  ]
  >>>>>>>>>>>>>>>>>>>>>>>>>>>>>[-]            no height behind the last
  home
    <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<[<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<
    ]
  >>>++++++++++++                             12 turns
  [-
    >>>>>>>>>>>>>>>>>>>>>>>>>>>[              for each point
      >[-                                     that is still inside
        too far out if the sizes add up to 40 or more
          >>>>>>>>>>>>>>>+<<<<<<<<<<<<<[->>>>>+>>+<<<<<<<]>>>>>[-<<<<<+>>>>>]<<<[->>>+>>+<<<<<]>>>[-
          <<<+>>>]
        >+++++++++++++++++++++++++++++++++++  take away 39 but stop at zero
        ++++[->>+<[>-<->]>[->]<<<]
        >[[-]>>>>>>[-]<<<<<<]                 anything left
        >>>>>>[                               squares and product if not
          the square of x: factors
            <<<<<<<<<<<<<[->>>>+>+<<<<<]>>>>>[-<<<<<+>>>>>]<<<<<[->>>>>>+<+<<<<<]>>>>>[-<<<<<+>>>>>]
          >>++++++++++++++                    14 to a unit
          <<<[-                               for one factor
            >>[-<+>>-                         and the other one
              >+<[>-]>[->>+<<<++++++++++++++  a unit is full
              >>]<<<]
            <[->+<]<]>>[-]>[-]                the other factor again
          <<<<<[->>+>+<<<]>>>[-<<<+>>>]<<<[-  the square of y: factors
          >>>>+<+<<<]>>>[-<<<+>>>]
          >>++++++++++++++                    14 to a unit
          <<<[-                               for one factor
            >>[-<+>>-                         and the other one
              >+<[>-]>[->>>+<<<<++++++++++++  a unit is full
              ++>>]<<<]
            <[->+<]<]>>[-]>[-]                the other factor again
          twice the product: factors
            <<<<<<<[->>>>+>+<<<<<]>>>>>[-<<<<<+>>>>>]<<<[->>>>+<+<<<]>>>[-<<<+>>>]
          >>+++++++                           7 to a unit
          <<<[-                               for one factor
            >>[-<+>>-                         and the other one
              >+<[>-]>[->>>>+<<<<<+++++++>>]  a unit is full
              <<<]
            <[->+<]<]>>[-]>[-]                the other factor again
          too far out if the squares add up to 56 or more
            >>>[-<<<+<<+>>>>>]<<<<<[->>>>>+<<<<<]>>>>>>[-<<<<+<<+>>>>>>]<<<<<<[->>>>>>+<<<<<<]
          take away 55 but stop at zero
            >+++++++++++++++++++++++++++++++++++++++++++++++++++++++[->>+<[>-<->]>[->]<<<]
          >[[-]>>>>>>-<<<<<<]                 anything left
          >>>>>>[-<<<<<<<<<<<<<<<+>+>[-]>>[-  else the turn is good
          ]
            <[->>+<<]>>>>>>++<<<<[->>>>-<<<<  signs differ: product below zero
            ]>>>>-
            >+<[>-<[-]>>>>>[->>>>>>+<<<<<<]<  one sign: below zero
            <<<]>[->>>>[->>>+<<<]<<<]<
            new y: the height and what it is counted from
              >>>>>>>>>>>>>>>>>>[-<<<<<<<<+>+>>>>>>>]<<<<<<<[->>>>>>>+<<<<<<<]<<<<++++++++++++++++++
            >>>[-<<+<[>-<->]>[-<<<<<<<<<<<<<  count down both
            <+>>>>>>>>>>>>>>>]<>>]
            <<<[<<<<<<<<<<<<+>>>>>>>>>>>>[-<  below zero
            <<<<<<<<<<<<+>>>>>>>>>>>>>]]
            new x: square of x and place
              <<<<<[->>>>>>>>+<<<<<<<<]>>>>>>>>>>>>>>>[-<<<<<<<+>+>>>>>>]<<<<<<[->>>>>>+<<<<<<]
            <<<<<<<<[->>>>+<<<<]>>>>++++++++  less square of y and what the place is counted from
            ++++++++++++++++++++++
            >>>[-<<+<[>-<->]>[-<<<<<<<<<<<<<  count down both
            <<<+>>>>>>>>>>>>>>>>>]<>>]
            below zero
              <<<[<<<<<<<<<<<<<<+>>>>>>>>>>>>>>[-<<<<<<<<<<<<<<<+>>>>>>>>>>>>>>>]]<<]
          <<<[-]>[-]>[-]>]                    clean up
        leave the test
          <<<<<<<<<<<<<<<[->>>>>>>+<<<<<<<]]>>>>>>>[-<<<<<<<+>>>>>>>]>>>>>>>>>>>>>>>>>>>>>>
    ]
    <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<[<<<<<<<<<  home
    <<<<<<<<<<<<<<<<<<<<<]>>>]
  >>>>>>>>>>>>>>>>>>>>>>>>>>>[                print all points
    >>>>>>>>++++++++++++++++++++++++++++++++  a space for none
    <<<<<<[->>>>>>++++++++++++++              turn 1
      <<<<<<[->>>>>>--                        turn 2
        <<<<<<[->>>>>>++++++++++++++          turn 3
          <<<<<<[->>>>>>+                     turn 4
            <<<<<<[->>>>>>++                  turn 5
              <<<<<<[->>>>>>----------------  turn 6
              --
                <<<<<<[->>>>>>-               turn 7
                  turn 8
                    <<<<<<[->>>>>>+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++
                    <<<<<<[->>>>>>----------  turn 9
                    ----------------------
                      turn 10
                        <<<<<<[->>>>>>------------------------------------------
                        turn 11
                          <<<<<<[->>>>>>+++++++++++++++++++++++++++
                          turn 12
                            <<<<<<[->>>>>>-----------------------------
                            <<<<<<]]]]]]]]]]]]>>>>>>.[-]
    a clean record for the next line
      <<<<<<<[-]>>>>>>>>>>>>>>>>>>>>>>>>>>>>[-]<<<<<<<<<<<<<<<<<<<<<<<<<<[-]>[-]>[-]>[-]>>>>>>>>
      >>>>>>>>>>>>>>>>
  ]
  >>>>>>>>++++++++++.[-]                      newline
  <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<[<<<  home
  <<<<<<<<<<<<<<<<<<<<<<<<<<<]
  >>++                                        the next line is two units higher
  <]
