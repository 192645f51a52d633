Copies its input until the end of the input which leaves the cell as it was

,                                             the cell begins as 0 and stays so if there is nothing
[                                             as long as there was a byte
  .[-]                                        print it and clear the cell so that the end shows
  ,                                           the next one or still 0
]
