"""From a hook to a picture's files: styled, drawn, laid out, encoded, described. Knows matplotlib, not Django.

`figures.drawn` holds a finished figure, `encoding.encode` makes files of it, `themes` are its looks; `look` is a
toolbox for hooks and `text.plain` for words of strangers. Importing any but `look` imports no matplotlib.
"""
