"""What people read: return files, exports, the pages of the portal."""
