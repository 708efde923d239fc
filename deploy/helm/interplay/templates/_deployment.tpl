{{/* The Deployment of a role, `server` or `worker`. Takes a dict of root and role. */}}
{{- define "interplay.deployment" -}}
{{- $values := .root.Values }}
{{- $own := index $values .role }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "interplay.name" .root }}-{{ .role }}
  labels: {{- include "interplay.labels" . | nindent 4 }}
spec:
  {{- if not $own.autoscaling.enabled }}
  replicas: {{ $own.replicas }}
  {{- end }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels: {{- include "interplay.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "interplay.labels" . | nindent 8 }}
      annotations:
        checksum/settings: {{ include "interplay.settings" . | sha256sum }}
        {{- with $own.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "interplay.name" .root }}
      automountServiceAccountToken: false
      # Until nobody sends requests, until answers are finished, and until connections, engines and state are closed.
      terminationGracePeriodSeconds: {{ add $values.leaveSeconds $values.graceSeconds 20 }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      {{- with $values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.models.pull }}
      initContainers:
        {{- range $number, $model := . }}
        - name: model-{{ $number }}
          image: {{ include "interplay.image" $.root }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [models, pull, {{ $model | quote }}]
          securityContext: {{- include "interplay.containerSecurity" $ | nindent 12 }}
          volumeMounts: {{- include "interplay.mounts" $ | nindent 12 }}
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .role }}
          image: {{ include "interplay.image" .root }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [{{ eq .role "server" | ternary "serve" "worker" }}, --host, 0.0.0.0, --port, "8790", --config, /etc/interplay/{{ .role }}.toml]
          env:
            - name: INTERPLAY_DATABASE
              valueFrom:
                secretKeyRef:
                  name: {{ required "Set database.existingSecret: the Secret with the address of the Postgres database." $values.database.existingSecret }}
                  key: {{ $values.database.key }}
            {{- with $values.env }}{{ toYaml . | nindent 12 }}{{ end }}
          {{- with $values.envFrom }}
          envFrom: {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - name: http
              containerPort: 8790
          startupProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 150
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          resources: {{- toYaml $own.resources | nindent 12 }}
          securityContext: {{- include "interplay.containerSecurity" . | nindent 12 }}
          volumeMounts:
            {{- include "interplay.mounts" . | nindent 12 }}
            - name: settings
              mountPath: /etc/interplay
              readOnly: true
      volumes:
        - name: settings
          configMap:
            name: {{ include "interplay.name" .root }}
        - name: scratch
          emptyDir: {}
        - name: data
          emptyDir: {}
        - name: models
          {{- if $values.models.existingClaim }}
          persistentVolumeClaim:
            claimName: {{ $values.models.existingClaim }}
          {{- else }}
          emptyDir: {}
          {{- end }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "interplay.selector" . | nindent 14 }}
      {{- with $own.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}

{{- define "interplay.mounts" -}}
- name: scratch
  mountPath: /tmp
- name: data
  mountPath: /var/lib/interplay/data
- name: models
  mountPath: /var/lib/interplay/models
{{- end }}
