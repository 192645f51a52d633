Prints a greeting
Cells: 0 counter and newline; 1 capitals; 2 small letters; 3 signs

++++++++[>+++++++++>+++++++++++++>++++<<<-]   eight turns: 72 and 104 and 32
>.                                            H
>---.                                         e is 101
+++++++..                                     l twice
+++.                                          o
>++++++++++++.                                the comma is 44
------------.                                 space is 32
<<+++++++++++++++.                            W is 87
>.                                            o once more
+++.                                          r
------.                                       l
--------.                                     d
>+.                                           the exclamation mark is 33
<<<++++++++++.                                newline from the counter which is clean again
