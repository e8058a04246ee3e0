"""The feeds of cases: penalties (F10), complaints (F11), reviews (F12), their monthly return (N12), notices (F18)."""
