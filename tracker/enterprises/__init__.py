"""Social-economy enterprises, their dated certifications and their products."""
