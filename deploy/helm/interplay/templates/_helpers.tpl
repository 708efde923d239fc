{{/* The name of everything in this release. */}}
{{- define "interplay.name" -}}
{{- if contains "interplay" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-interplay" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "interplay.image" -}}
{{ required "Set image.repository: where you pushed what the Dockerfile builds." .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What selects the pods of a role. Takes a dict of root and role. */}}
{{- define "interplay.selector" -}}
app.kubernetes.io/name: interplay
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "interplay.labels" -}}
{{ include "interplay.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* The settings file of a role. */}}
{{- define "interplay.settings" -}}
[server]
grace_seconds = {{ .root.Values.graceSeconds }}
leave_seconds = {{ .root.Values.leaveSeconds }}
background_runs = {{ (index .root.Values .role).backgroundRuns }}
{{- range $name, $value := .root.Values.serverSettings }}
{{ $name }} = {{ $value | toJson }}
{{- end }}
{{- with .root.Values.settings }}

{{ . | trim }}
{{- end }}
{{- end }}

{{/* Refuses values that cannot work together. */}}
{{- define "interplay.check" -}}
{{- if regexMatch "(?m)^\\s*\\[server\\]" .Values.settings }}
{{- fail "settings has a [server] section: write what it says into serverSettings." }}
{{- end }}
{{- if not (or .Values.settings .Values.models.pull .Values.models.existingClaim) }}
{{- fail "No model would answer: say in settings which upstreams there are ([[models]]), or bring models with models.pull." }}
{{- end }}
{{- end }}

{{- define "interplay.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
