"""What scikit-learn trains: forests, boosted trees and Gaussian processes."""
