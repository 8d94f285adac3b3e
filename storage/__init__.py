"""Database base class, sessions, column types, migrations."""
