Walks to the last cell of 4096 and back and marks all cells in between
A count of 254 walks right in steps of 16 and leaves marks; its own cell is the one behind the mark

>>>>>>>>>>>>>>>>>                             record 1
--                                            254 records
[                                             the count stands behind the mark of this record
  -[->>>>>>>>>>>>>>>>+<<<<<<<<<<<<<<<<]       one less and on to the next record
  <+>                                         the mark
>>>>>>>>>>>>>>>>                              after it
]
<+                                            the last mark is at cell 4080
>>>>>>>>>>>>>>>                               cell 4095 is the last one
<<<<<<<<<<<<<<<                               back at the mark
[                                             from mark to mark leftwards: mark what lies between
<+<+<+<+<+<+<+<+<+<+<+<+<+<+<+<
]                                             cell 0 has no mark
>[>]                                          right over all marks: stops at cell 4081
+>+>+>+>+>+>+>+>+>+>+>+>+>+>                  marks up to 4094 and then cell 4095
O and K
+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++.----.
[<]                                           left over all marks to cell 0
++++++++++.                                   newline
