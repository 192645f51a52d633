Prints scan and then looks for a 0 in steps of three where there is none up to the first cell

>+++++++++[<+++++++++++++>-]<--.>++++[<---->-]<.--.+++++++++++++.>++++++++++[<---------->-]<.[-]
+>>>+>>>+>>>+>>>+                             cells 0 3 6 9 and 12
[<<<]                                         runs off the tape
.                                             never reached
