"""The declared mesh: what org.yml, domain.yml, project.yml and deployment.yml may contain."""
