"""`ciq verify`: does what is stored still agree with what was decided, and with itself?"""
