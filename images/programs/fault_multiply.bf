Prints multiply and then adds to a cell left of the first one
The first turn of the loop is carried out up to the fault

>+++++++++[<++++++++++++>-]<+.++++++++.---------.++++++++.-----------.+++++++.----.+++++++++++++.>++
++++++++[<----------->-]<-.[-]
>[-<++<+>>]                                   a loop without work may reach over the end
+++                                           but with 3 turns to do
[-<++<+>>]                                    it may not
.                                             never reached
