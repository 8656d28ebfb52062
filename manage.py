#!/usr/bin/env python
"""Runs Django's commands: `python manage.py help` lists them."""

import sys

from clienteling.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
