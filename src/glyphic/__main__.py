"""`python -m glyphic` is the command `glyphic`."""

from glyphic.cli import main

if __name__ == "__main__":
    main()
