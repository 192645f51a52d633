Prints left and then moves left of the first cell

>+++++++++[<++++++++++++>-]<.-------.+.++++++++++++++.>+++++++[<--------------->-]<-.[-]
>>+                                           two cells of room
<<                                            these moves are good
<                                             this one is not
+.                                            never reached
