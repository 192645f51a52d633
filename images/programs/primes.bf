Primes below 100 in decimal
Every number is divided by all smaller ones from two on
The divisor is counted down in one cell and up in another; when it is used up they change places
Cells: 0 the number; 1 numbers left; 2 divisors left; 3 divisor; 4 copies; 5 dividend; 6 composite
       8 divisor counting down; 11 the same counting up; 14 17 tens and ones of the number; 20 21 printing

++                                            begin with 2
98 numbers
  >+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++
  +++++++++
>>>>>>>>>>>>>>>>++++++++                      tens; ones are kept as ten minus value
<<<<<<<<<<<<<<<<[-                            for each number
  <[->>+>>+<<<<]>>>>[-<<<<+>>>>]<<--          as many divisors as the number minus two
  >++                                         the first divisor is two
  <[-                                         for each divisor
    <<[->>>>>+<+<<<<]>>>>[-<<<<+>>>>]         the dividend
    <[->>>>>+<<<<+<]>[-<+>]                   the divisor
    >[->>>->>>+<<+<[>-]>[->>[-<<<+>>>]<]<<<<  count down both
    <]
    >>>>>>>+<[>-]>[-<<<<<<+<<<<[-]>>>>>>>>>>  nothing left over: no more divisors are needed
    >]<
    <[-]<<<[-]<<<<<+<]>[-]                    clean up and take the next divisor
  >>>>+<[>-]>[->>>>>>>[->>>>>>+>+<<<<<<<]>>>  without a divisor it is prime
  >>>>[-<<<<<<<+>>>>>>>]
    <[>++++++[-<++++++++>]<.[-]]              tens if there are any
    ones
      ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++<<<[->>>->+<<<<]>>>>[-<<<<+>>>>]
      <.[-]
    ++++++++++.[-]<<<<<<<<<<<<]<<[-]          newline
  <<<<<<+>>>>>>>>>>>>>>>>>->+<[>-]>[-<++++++  the next number
  ++++<<<+>>>>>]<
  <<<<<<<<<<<<<<<<<]
