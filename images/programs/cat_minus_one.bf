Copies its input until the end of the input which reads as 255

,+                                            one more than the byte: the end becomes 0
[                                             as long as it is not the end
  -.                                          the byte itself
  ,+                                          the next one
]
