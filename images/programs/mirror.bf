mirror: reads a line and prints it backwards; again and again
type a line and press Enter

cell 0 is 1 for ever; cell 1 is 0 and marks the left end of the line; the line begins at cell 2

+[                                  for ever
  >>[-]<++++++++[>++++++++<-]>--.   print a prompt (62)
  ------------------------------.   and a space (32)
  ,.----------[                     read and echo until a line feed (10)
    ++++++++++>,.----------
  ]
  <[.<]                             print back to the left end
  ++++++++++.[-]                    and a line feed
<]
