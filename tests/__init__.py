"""What is promised, said in sentences and tried at the doors."""
