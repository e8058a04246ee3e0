"""Monthly returns, workbooks of several sheets: a year's records planned by branch and month, then written as rows."""
