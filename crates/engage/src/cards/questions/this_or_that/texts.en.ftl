this-or-that-title = This or that
this-or-that-results = How everybody chose
