"""Total spending (총구매액): the denominators, by department, year, kind and 통계목."""
