#!/usr/bin/env python
"""Django's command line for the example site: python example_site/manage.py <command>."""

import os
import sys
from pathlib import Path


def main() -> None:
    # Run as a file, Python knows this folder only; the packages are one above.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
