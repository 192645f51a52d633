Sorts the bytes of its input up to the end of the input which reads as 0
The sorted bytes stand in records of seven cells; a new byte walks along them
At each record the smaller one stays and the larger one goes on
Smaller and larger come from counting both down together: the turns that both took part in are the smaller
Cells of a record: 0 value; 1 2 test for zero; 3 smaller; 4 rest; 5 copy; 6 the byte that walks

>>>>>>,                                       the first byte: it comes into record 0 which stays without value
[                                             for each byte
  [->>>>>>>+<<<<<<<]>                         on to record 1
  [                                           while the record has a value
    >>>>>>[-                                  count down the new byte
      <<<<<+<[>-<->>>+<<]>[->>>+<<]<>>>>>]    and the value: both go into smaller; the new one alone into rest
    larger is smaller plus both rests: it walks on
      <<<[->>+>>>>>>>>+<<<<<<<<<<]>[->>>>>>>>>+<<<<<<<<<]<<<<[->>>>>>>>>>>>>+<<<<<<<<<<<<<]
    >>>>>[-<<<<<+>>>>>]>>]                    smaller stays
  >>>>>>[-<<<<<<+>>>>>>]                      at the record without a value the byte stays
  <<<<<<<<<<<<<[<<<<<<<]                      home to record 0
  >>>>>>,]                                    the next byte
<<<<<<>>>>>>>[.>>>>>>>]                       print all records
++++++++++.                                   newline
