"""F09: classes and honours of enterprises, a workbook of two sheets each week."""
