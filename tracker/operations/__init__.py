"""Running the program: demonstration data and the check of a whole instance."""
