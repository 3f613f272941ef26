"""What `make bench` measures: speed, memory, size and tokens of the program, against endpoints on loopback."""
