"""One module a format, from text to entries: to add one, copy the nearest and list it in files.FORMATS.

Each has a NAME for the reader; begun(text), which finds where entries begin; and read(text), which yields what each of
them became, an Entry or an Unreadable, in the file's order. Time goes with the length of the text, whatever it is.
"""
