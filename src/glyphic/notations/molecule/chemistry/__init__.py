"""What is drawn becomes a molecule (interpretation.py), and a molecule becomes a drawing (depiction.py).

Without RDKit: labels and abbreviations become fragments, fragments atoms, circles alternating bonds, and all of it a
molfile. With RDKit (the extra [chem]): stereo, SMILES, InChI, and whether it is a molecule at all.
"""
