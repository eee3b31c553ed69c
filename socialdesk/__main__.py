"""`python -m socialdesk` is `socialdesk`."""

from socialdesk.cli import main

main()
