Copies its input until the end of the input which reads as 0

,[.,]
