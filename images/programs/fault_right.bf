Prints right and then walks over the last cell

>++++++++[<++++++++++++++>-]<++.---------.--.+.++++++++++++.>+++++++[<--------------->-]<-.[-]
+                                             cell 0
[                                             for ever
>+                                            the next cell is never 0
]
.                                             never reached
