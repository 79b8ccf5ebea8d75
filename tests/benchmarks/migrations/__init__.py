# Empty on purpose: the tables are made after everybody else's (see database.py), because an app
# without a migrations folder is created first and cannot refer to Wagtail's pages.
