"""The provincial data dictionary (từ điển dữ liệu): elements, code lists, and checks by them."""
