"""`python -m surrogate.cli`, where the `surrogate` command is not on the path."""

from surrogate.cli.root import main

main()
