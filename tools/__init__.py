"""Programs for those who change this project; `make` names them."""
