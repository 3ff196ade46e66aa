"""What users take away: lab sheets, workbooks, tables; and the measured values that they bring back."""
