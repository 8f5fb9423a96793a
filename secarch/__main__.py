"""`python -m secarch`, which is also what `accelerate launch -m secarch` runs."""

from secarch.cli.app import main

if __name__ == "__main__":
    main()
