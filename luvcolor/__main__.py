"""``python -m luvcolor`` is the command line."""

from luvcolor.cli import main

if __name__ == "__main__":
    main()
