SELCT 1 AS one;
