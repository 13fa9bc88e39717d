"""Entry point of `python -m tpo`, the same as the command `tpo`."""

from tpo.cli import main

if __name__ == "__main__":
    main()
