Copies its input for ever; all 256 bytes pass
At the end of the input the machine waits

>+                                            cell 1 keeps the loop running
[                                             for ever
  <,.>                                        one byte through cell 0
]
