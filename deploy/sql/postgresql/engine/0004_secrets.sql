-- Whether anything of a pipeline is masked where it is shown.

ALTER TABLE bamboo_pipelines ADD COLUMN has_secrets boolean NOT NULL DEFAULT false;
