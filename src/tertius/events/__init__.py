"""Events: the table contract, the store on disk, and the arrays that the mathematics sees."""
