"""What users bring: tables, models, and the sandbox in which files of strangers are opened."""
